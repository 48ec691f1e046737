# goplay's own helpers for modules: words with quotes and templates in them.
def is_quoted(data):
    return len(data) > 0 and (data[0] == '"' and data[-1] == '"' or data[0] == "'" and data[-1] == "'")


def unquote(data):
    return data[1:-1] if is_quoted(data) and len(data) > 1 else data


def split_args(args):
    out, word, quote, depth, i = [], '', '', 0, 0
    while i < len(args):
        c, two = args[i], args[i:i + 2]
        if quote:
            if c == quote and args[i - 1] != '\\':
                quote = ''
        elif two in ('{{', '{%', '{#'):
            depth += 1
            word, i = word + two, i + 2
            continue
        elif two in ('}}', '%}', '#}') and depth:
            depth -= 1
            word, i = word + two, i + 2
            continue
        elif c in '"\'' and (i == 0 or args[i - 1] != '\\'):
            quote = c
        if c in ' \n\t' and not quote and not depth:
            if word:
                out.append(word)
            word = ''
        else:
            word += c
        i += 1
    if quote or depth:
        raise Exception('error while splitting arguments, either an unbalanced jinja2 block or quotes')
    return out + [word] if word else out
