ANSIBLE_COLOR = False


def parsecolor(color):
    from ansible.constants import COLOR_CODES
    return COLOR_CODES.get(color, '0')


def stringc(text, color, wrap_nonvisible_chars=False):
    return text if not ANSIBLE_COLOR or not color else '\n'.join('\033[%sm%s\033[0m' % (parsecolor(color), t) for t in text.split('\n'))


def colorize(lead, num, color):
    return '%s=%-4s' % (lead, str(num))


def hostcolor(host, stats, color=True):
    return '%-26s' % host


__all__ = ['ANSIBLE_COLOR', 'colorize', 'hostcolor', 'parsecolor', 'stringc']
