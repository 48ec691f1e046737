# goplay's own helpers for modules: HTTP and its relatives through urllib.
import base64
import email.mime.application
import email.mime.multipart
import email.parser
import email.policy
import gzip
import http.client as httplib
import http.cookiejar as cookiejar
import io
import json
import mimetypes
import netrc
import os
import platform
import socket
import ssl
import tempfile
import traceback
import urllib.error as urllib_error
import urllib.request as urllib_request
from contextlib import contextmanager  # noqa: F401
from urllib.parse import unquote, urlparse, urlunparse

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text

HAS_SSL = HAS_SSLCONTEXT = True
HAS_GSSAPI = HAS_CRYPTOGRAPHY = False
HTTPError, URLError = urllib_error.HTTPError, urllib_error.URLError
UNREDIRECTED = ('urllib2', 'all', 'yes', True, 'safe', 'none', 'no', False)


class ConnectionError(Exception):
    pass


class ProxyError(ConnectionError):
    pass


class SSLValidationError(ConnectionError):
    pass


class NoSSLError(SSLValidationError):
    pass


class MissingModuleError(Exception):
    def __init__(self, message, import_traceback, module=None):
        super(MissingModuleError, self).__init__(message)
        self.import_traceback, self.module = import_traceback, module


class ParseResultDottedDict(dict):
    def __init__(self, *args, **kwargs):
        super(ParseResultDottedDict, self).__init__(*args, **kwargs)
        self.__dict__ = self

    def as_list(self):
        return [self.get(k) for k in ('scheme', 'netloc', 'path', 'params', 'query', 'fragment')]


def generic_urlparse(parts):
    out = ParseResultDottedDict()
    for k in ('scheme', 'netloc', 'path', 'params', 'query', 'fragment', 'username', 'password', 'hostname', 'port'):
        out[k] = getattr(parts, k)
    return out


def basic_auth_header(username, password):
    return b'Basic ' + base64.b64encode(to_bytes('%s:%s' % ('' if username is None else username, '' if password is None else password)))


def getpeercert(response, binary_form=False):
    sock = response.fp.raw._sock
    try:
        return sock.getpeercert(binary_form)
    except AttributeError:
        return None


def get_response_filename(response):
    name = os.path.basename(urlparse(response.geturl()).path)
    disposition = response.headers.get_filename() if hasattr(response.headers, 'get_filename') else None
    return os.path.basename(disposition) if disposition else unquote(name)


def parse_content_type(response):
    main, _, sub = response.headers.get_content_type().partition('/')
    return '%s/%s' % (main, sub), main, sub, response.headers.get_param('charset') or 'utf-8'


class GzipDecodedReader(gzip.GzipFile):
    def __init__(self, fp):
        self._io = fp if hasattr(fp, 'tell') else io.BytesIO(fp.read())
        gzip.GzipFile.__init__(self, mode='rb', fileobj=self._io)

    @staticmethod
    def missing_gzip_error():
        return 'Cannot decode Content-Encoding: gzip as gzip is missing'


class RequestWithMethod(urllib_request.Request):
    def __init__(self, url, method, data=None, headers=None, origin_req_host=None, unverifiable=True):
        urllib_request.Request.__init__(self, url, data, headers or {}, origin_req_host, unverifiable)
        self._method = method.upper()

    def get_method(self):
        return self._method or urllib_request.Request.get_method(self)


def _redirects(how):
    class Handler(urllib_request.HTTPRedirectHandler):
        def redirect_request(self, req, fp, code, msg, headers, newurl):
            if how in ('no', 'none', False):
                raise urllib_error.HTTPError(newurl, code, msg, headers, fp)
            method = req.get_method()
            if how == 'urllib2':
                return urllib_request.HTTPRedirectHandler.redirect_request(self, req, fp, code, msg, headers, newurl)
            if how == 'safe' and method not in ('GET', 'HEAD'):
                raise urllib_error.HTTPError(newurl, code, msg, headers, fp)
            data = req.data
            if code == 303 and method != 'HEAD' or code in (301, 302) and method == 'POST':
                method, data = 'GET', None
            drop = () if data is not None else ('content-length', 'content-type', 'transfer-encoding')
            kept = {k: v for k, v in req.headers.items() if k.lower() not in drop}
            return RequestWithMethod(newurl.replace(' ', '%20'), method, data=data, headers=kept, origin_req_host=req.origin_req_host)
    return Handler


class UnixHTTPConnection(httplib.HTTPConnection):
    def __init__(self, unix_socket):
        self._unix_socket = unix_socket

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.sock.connect(self._unix_socket)
        except OSError as e:
            raise OSError('Invalid Socket File (%s): %s' % (self._unix_socket, e))
        if self.timeout is not socket._GLOBAL_DEFAULT_TIMEOUT:
            self.sock.settimeout(self.timeout)

    def __call__(self, *args, **kwargs):
        httplib.HTTPConnection.__init__(self, *args, **kwargs)
        return self


class UnixHTTPHandler(urllib_request.HTTPHandler):
    def __init__(self, unix_socket, **kwargs):
        urllib_request.HTTPHandler.__init__(self, **kwargs)
        self._unix_socket = unix_socket

    def http_open(self, req):
        return self.do_open(UnixHTTPConnection(self._unix_socket), req)


def make_context(cafile=None, cadata=None, capath=None, ciphers=None, validate_certs=True, client_cert=None, client_key=None):
    context = ssl.create_default_context(cafile=cafile, cadata=cadata or None)
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if ciphers:
        context.set_ciphers(':'.join(map(to_native, ciphers if isinstance(ciphers, (list, tuple)) else [ciphers])))
    if client_cert:
        context.load_cert_chain(client_cert, keyfile=client_key)
    return context


def get_ca_certs(cafile=None):
    return ssl.get_default_verify_paths().cafile, [cafile] if cafile else [], cafile


class Request:
    def __init__(self, headers=None, use_proxy=True, force=False, timeout=10, validate_certs=True, url_username=None, url_password=None, http_agent=None,
                 force_basic_auth=False, follow_redirects='urllib2', client_cert=None, client_key=None, cookies=None, unix_socket=None, ca_path=None,
                 unredirected_headers=None, decompress=True, ciphers=None, use_netrc=True, context=None):
        self.headers = headers or {}
        if not isinstance(self.headers, dict):
            raise ValueError('headers must be a dict: %r' % self.headers)
        self.use_proxy, self.force, self.timeout, self.validate_certs = use_proxy, force, timeout, validate_certs
        self.url_username, self.url_password, self.http_agent, self.force_basic_auth = url_username, url_password, http_agent, force_basic_auth
        self.follow_redirects, self.client_cert, self.client_key, self.unix_socket = follow_redirects, client_cert, client_key, unix_socket
        self.ca_path, self.unredirected_headers, self.decompress, self.ciphers, self.use_netrc = ca_path, unredirected_headers, decompress, ciphers, use_netrc
        self.context = context
        self.cookies = cookies if isinstance(cookies, cookiejar.CookieJar) else cookiejar.CookieJar()

    def _fallback(self, value, fallback):
        return fallback if value is None else value

    def open(self, method, url, data=None, headers=None, use_proxy=None, force=None, last_mod_time=None, timeout=None, validate_certs=None,
             url_username=None, url_password=None, http_agent=None, force_basic_auth=None, follow_redirects=None, client_cert=None, client_key=None,
             cookies=None, use_gssapi=False, unix_socket=None, ca_path=None, unredirected_headers=None, decompress=None, ciphers=None, use_netrc=None,
             context=None):
        headers = {} if headers is None else headers
        if not isinstance(headers, dict):
            raise ValueError('headers must be a dict')
        headers = dict(self.headers, **headers)
        pick = self._fallback
        timeout, verify = pick(timeout, self.timeout), pick(validate_certs, self.validate_certs)
        user, password = pick(url_username, self.url_username), pick(url_password, self.url_password)
        redirects, socket_path = pick(follow_redirects, self.follow_redirects), pick(unix_socket, self.unix_socket)
        if use_gssapi:
            raise MissingModuleError(missing_required_lib('gssapi', reason='for use_gssapi=True'), None, module='gssapi')
        handlers = []
        if socket_path:
            handlers.append(UnixHTTPHandler(socket_path))
        parts = urlparse(url)
        if parts.scheme != 'ftp':
            if not user and '@' in parts.netloc:
                user, password = unquote(parts.username or ''), unquote(parts.password or '')
                url = urlunparse(parts._replace(netloc=parts.netloc.rpartition('@')[2]))
            if user and not pick(force_basic_auth, self.force_basic_auth):
                known = urllib_request.HTTPPasswordMgrWithDefaultRealm()
                known.add_password(None, urlunparse(urlparse(url)._replace(query='', fragment='')), user, password)
                handlers += [urllib_request.HTTPBasicAuthHandler(known), urllib_request.HTTPDigestAuthHandler(known)]
            elif user:
                headers['Authorization'] = to_native(basic_auth_header(user, password))
            elif pick(use_netrc, self.use_netrc) and 'Authorization' not in headers:
                try:
                    login = netrc.netrc(os.environ.get('NETRC')).authenticators(parts.hostname)
                except (OSError, IOError, netrc.NetrcParseError):
                    login = None
                if login and login[0] and login[2]:
                    headers['Authorization'] = to_native(basic_auth_header(login[0], login[2]))
        if not pick(use_proxy, self.use_proxy):
            handlers.append(urllib_request.ProxyHandler({}))
        ctx = pick(context, self.context) or make_context(cafile=pick(ca_path, self.ca_path), validate_certs=verify, ciphers=pick(ciphers, self.ciphers),
                                                          client_cert=pick(client_cert, self.client_cert), client_key=pick(client_key, self.client_key))
        handlers += [urllib_request.HTTPSHandler(context=ctx), _redirects(redirects), urllib_request.HTTPCookieProcessor(pick(cookies, self.cookies))]
        opener = urllib_request.build_opener(*handlers)
        data = to_bytes(data, nonstring='passthru')
        request = RequestWithMethod(url, method, data)
        unredirected = [h.lower() for h in pick(unredirected_headers, self.unredirected_headers) or ()]
        agent = pick(http_agent, self.http_agent)
        if agent:
            request.add_header('User-agent', agent)
        if pick(force, self.force):
            request.add_header('cache-control', 'no-cache')
        elif last_mod_time:
            request.add_header('If-Modified-Since', last_mod_time.strftime('%a, %d %b %Y %H:%M:%S GMT'))
        unzip = pick(decompress, self.decompress)
        if unzip:
            request.add_header('Accept-encoding', 'gzip')
        for k, v in headers.items():
            (request.add_unredirected_header if k.lower() in unredirected else request.add_header)(k, to_native(v))
        response = opener.open(request, None, timeout)
        if unzip and response.headers.get('content-encoding', '').lower() == 'gzip':
            fp = GzipDecodedReader(response)
            response.fp = fp
            response.length = None
            response.read = fp.read
            response.chunked = False
        return response

    def get(self, url, **kwargs):
        return self.open('GET', url, **kwargs)

    def options(self, url, **kwargs):
        return self.open('OPTIONS', url, **kwargs)

    def head(self, url, **kwargs):
        return self.open('HEAD', url, **kwargs)

    def post(self, url, data=None, **kwargs):
        return self.open('POST', url, data=data, **kwargs)

    def put(self, url, data=None, **kwargs):
        return self.open('PUT', url, data=data, **kwargs)

    def patch(self, url, data=None, **kwargs):
        return self.open('PATCH', url, data=data, **kwargs)

    def delete(self, url, **kwargs):
        return self.open('DELETE', url, **kwargs)


def open_url(url, data=None, headers=None, method=None, use_proxy=True, force=False, last_mod_time=None, timeout=10, validate_certs=True, url_username=None,
             url_password=None, http_agent=None, force_basic_auth=False, follow_redirects='urllib2', client_cert=None, client_key=None, cookies=None,
             use_gssapi=False, unix_socket=None, ca_path=None, unredirected_headers=None, decompress=True, ciphers=None, use_netrc=True):
    return Request().open(method or ('POST' if data else 'GET'), url, data=data, headers=headers, use_proxy=use_proxy, force=force,
                          last_mod_time=last_mod_time, timeout=timeout, validate_certs=validate_certs, url_username=url_username, url_password=url_password,
                          http_agent=http_agent, force_basic_auth=force_basic_auth, follow_redirects=follow_redirects, client_cert=client_cert,
                          client_key=client_key, cookies=cookies, use_gssapi=use_gssapi, unix_socket=unix_socket, ca_path=ca_path,
                          unredirected_headers=unredirected_headers, decompress=decompress, ciphers=ciphers, use_netrc=use_netrc)


def prepare_multipart(fields):
    if not isinstance(fields, dict):
        raise TypeError('Mapping is required, cannot be type %s' % type(fields))
    form = email.mime.multipart.MIMEMultipart('form-data')
    for name, value in sorted(fields.items()):
        filename = None
        if isinstance(value, (str, bytes)):
            main, sub, content = 'text', 'plain', value
        elif isinstance(value, dict):
            filename, content = value.get('filename'), value.get('content')
            if not any((filename, content)):
                raise ValueError('at least one of filename or content must be provided')
            mime = value.get('mime_type') or (mimetypes.guess_type(filename or '', strict=False)[0]) or 'application/octet-stream'
            main, _, sub = mime.partition('/')
        else:
            raise TypeError('value must be a string, or mapping, cannot be type %s' % type(value).__name__)
        if not content and filename:
            with open(filename, 'rb') as f:
                content = f.read()
        part = email.mime.application.MIMEApplication(to_bytes(content or ''), _encoder=_encode_plain)
        del part['Content-Type']
        part.add_header('Content-Type', '%s/%s' % (main, sub))
        part.add_header('Content-Disposition', 'form-data')
        del part['MIME-Version']
        part.set_param('name', name, header='Content-Disposition')
        if filename:
            part.set_param('filename', to_native(os.path.basename(filename)), header='Content-Disposition')
        form.attach(part)
    head, _, body = form.as_bytes(policy=email.policy.HTTP).partition(b'\r\n\r\n')
    return email.parser.BytesHeaderParser().parsebytes(head)['content-type'], body


def _encode_plain(part):
    data = part.get_payload(decode=True)
    part.set_payload(data.decode('ascii', 'surrogateescape'))


def url_argument_spec():
    return dict(url=dict(type='str'), force=dict(type='bool', default=False), http_agent=dict(type='str', default='ansible-httpget'),
                use_proxy=dict(type='bool', default=True), validate_certs=dict(type='bool', default=True), url_username=dict(type='str'),
                url_password=dict(type='str', no_log=True), force_basic_auth=dict(type='bool', default=False), client_cert=dict(type='path'),
                client_key=dict(type='path'), use_gssapi=dict(type='bool', default=False))


def url_redirect_argument_spec():
    return dict(follow_redirects=dict(type='str', default='safe', choices=['all', 'no', 'none', 'safe', 'urllib2', 'yes']))


def fetch_url(module, url, data=None, headers=None, method=None, use_proxy=None, force=False, last_mod_time=None, timeout=10, use_gssapi=False,
              unix_socket=None, ca_path=None, cookies=None, unredirected_headers=None, decompress=True, ciphers=None, use_netrc=True):
    p = module.params
    if use_proxy is None:
        use_proxy = p.get('use_proxy', True)
    cookies = cookies if cookies is not None else cookiejar.LWPCookieJar()
    info = dict(url=url, status=-1)
    r = None
    try:
        r = open_url(url, data=data, headers=headers, method=method, use_proxy=use_proxy, force=force, last_mod_time=last_mod_time, timeout=timeout,
                     validate_certs=p.get('validate_certs', True), url_username=p.get('url_username', ''), url_password=p.get('url_password', ''),
                     http_agent=p.get('http_agent', 'ansible-httpget'), force_basic_auth=p.get('force_basic_auth', ''),
                     follow_redirects=p.get('follow_redirects') or 'urllib2', client_cert=p.get('client_cert'), client_key=p.get('client_key'),
                     cookies=cookies, use_gssapi=p.get('use_gssapi', use_gssapi), unix_socket=unix_socket, ca_path=ca_path,
                     unredirected_headers=unredirected_headers, decompress=decompress, ciphers=ciphers, use_netrc=use_netrc)
        for k in set(x.lower() for x in r.headers.keys()):
            info[k] = ', '.join(r.headers.get_all(k))
        info['cookies'] = {c.name: c.value for c in cookies}
        info['cookies_string'] = '; '.join('%s=%s' % (c.name, c.value) for c in cookies)
        info.update(msg='OK (%s bytes)' % r.headers.get('Content-Length', 'unknown'), url=r.geturl(), status=r.code)
    except MissingModuleError as e:
        module.fail_json(msg=to_text(e), exception=e.import_traceback)
    except urllib_error.HTTPError as e:
        r = e
        try:
            body = e.read()
            e.fp = io.BytesIO(body)
            e.read = e.fp.read
        except Exception:
            body = ''
        info.update({k.lower(): v for k, v in e.info().items()})
        info.update(msg=to_native(e), body=body, status=e.code)
    except (NoSSLError, ConnectionError, ValueError) as e:
        if isinstance(e, NoSSLError):
            module.fail_json(msg=to_native(e), **info)
        module.fail_json(msg=to_native(e), **info)
    except urllib_error.URLError as e:
        reason = e.reason
        if isinstance(reason, ssl.SSLCertVerificationError):
            parts = urlparse(url)
            module.fail_json(msg='Failed to validate the SSL certificate for %s:%s. Make sure your managed systems have a valid CA certificate installed. You can '
                                 'use validate_certs=False if you do not need to confirm the servers identity but this is unsafe and not recommended. Paths '
                                 'checked for this platform: %s. The exception msg was: %s.' % (parts.hostname, parts.port or 443, '/etc/ssl, /etc/pki', reason), **info)
        code = getattr(e, 'code', -1)
        info.update(msg='Request failed: %s' % to_native(e), status=code if isinstance(code, int) else -1)
    except (socket.error, OSError) as e:
        info.update(msg='Connection failure: %s' % to_native(e), status=-1)
    except httplib.BadStatusLine as e:
        info.update(msg='Connection failure: connection was closed before a valid response was received: %s' % to_native(e.line), status=-1)
    except Exception as e:
        info.update(msg='An unknown error occurred: %s' % to_native(e), exception=traceback.format_exc(), status=-1)
    return r, info


def fetch_file(module, url, data=None, headers=None, method=None, use_proxy=True, force=False, last_mod_time=None, timeout=10, unredirected_headers=None,
               decompress=True, ciphers=None):
    name = os.path.basename(urlparse(url).path)
    stem, ext = os.path.splitext(name)
    with tempfile.NamedTemporaryFile(dir=module.tmpdir, prefix=stem, suffix=ext, delete=False) as f:
        module.add_cleanup_file(f.name)
        r, info = fetch_url(module, url, data, headers, method, use_proxy, force, last_mod_time, timeout, unredirected_headers=unredirected_headers,
                            decompress=decompress, ciphers=ciphers)
        if r is None or info['status'] >= 400:
            module.fail_json(msg='Failure downloading %s, %s' % (url, info['msg']))
        for block in iter(lambda: r.read(65536), b''):
            f.write(block)
    return f.name


def get_user_agent():
    from ansible.module_utils.ansible_release import __version__
    return 'ansible-httpget/%s (%s)' % (__version__, platform.system())


__all__ = [n for n in dir() if not n.startswith('_') and n not in ('json',)]
