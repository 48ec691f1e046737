# goplay's own helpers for modules: identifiers of databases.
import re


class SQLParseError(Exception):
    pass


class UnclosedQuoteError(SQLParseError):
    pass


_DOTS = {'pg': dict(database=1, schema=2, table=3, column=4, role=1, tablespace=1, sequence=3, publication=1),
         'mysql': dict(database=1, table=2, column=3, role=1, vars=1)}


def _split(identifier, quote):
    out, rest = [], identifier
    while True:
        if rest.startswith(quote):
            i = 1
            while True:
                i = rest.find(quote, i)
                if i < 0:
                    raise UnclosedQuoteError
                if rest[i:i + 2] == quote * 2:
                    i += 2
                    continue
                break
            word, rest = rest[:i + 1], rest[i + 1:]
            if rest and not rest.startswith('.'):
                raise SQLParseError('User escaped identifiers must escape extra quotes')
        else:
            word, dot, tail = rest.partition('.')
            rest = dot + tail
            if not word and (dot or not out):
                raise SQLParseError('Identifier name unspecified or unquoted trailing dot')
            word = quote + word.replace(quote, quote * 2) + quote
        out.append(word)
        if not rest:
            return out
        rest = rest[1:]
        if not rest:
            raise SQLParseError('Identifier name unspecified or unquoted trailing dot')


def _quote(identifier, id_type, kind, quote, label):
    parts = _split(identifier, quote)
    limit = _DOTS[kind][id_type]
    if len(parts) > limit:
        raise SQLParseError('%s does not support %s with more than %i dots' % (label, id_type, limit))
    return parts


def pg_quote_identifier(identifier, id_type):
    return '.'.join(_quote(identifier, id_type, 'pg', '"', 'PostgreSQL'))


def mysql_quote_identifier(identifier, id_type):
    return '.'.join('*' if p == '`*`' else p for p in _quote(identifier, id_type, 'mysql', '`', 'MySQL'))


PATTERNS = (re.compile(r"(?i)(\W|^)(\s|')*?(or|and)\s+.*?=", re.S), re.compile(r';\s*(drop|alter|create|delete|insert|update|select|grant|union)\b', re.I),
            re.compile(r'\bunion\s+(all\s+)?select\b', re.I), re.compile(r'--\s*$'))


def is_input_dangerous(string):
    return bool(string) and any(p.search(string) for p in PATTERNS)


def check_input(module, *args):
    bad = set()
    for arg in args:
        for text in arg if isinstance(arg, (list, tuple)) else arg.values() if isinstance(arg, dict) else [arg]:
            if isinstance(text, str) and is_input_dangerous(text):
                bad.add(text)
    if bad:
        module.fail_json(msg='Passed input %s is potentially dangerous' % ', '.join(sorted(bad)))
