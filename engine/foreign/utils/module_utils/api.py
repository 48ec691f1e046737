# goplay's own helpers for modules: calls that are tried again.
import copy
import functools
import random
import time


def rate_limit_argument_spec(spec=None):
    return dict(dict(rate=dict(type='int'), rate_limit=dict(type='int')), **(spec or {}))


def retry_argument_spec(spec=None):
    return dict(dict(retries=dict(type='int'), retry_pause=dict(type='float', default=1)), **(spec or {}))


def basic_auth_argument_spec(spec=None):
    return dict(dict(api_username=dict(type='str'), api_password=dict(type='str', no_log=True), api_url=dict(type='str'),
                     validate_certs=dict(type='bool', default=True)), **(spec or {}))


def rate_limit(rate=None, rate_limit=None):
    gap = float(rate_limit) / float(rate) if rate and rate_limit else None
    last = [0.0]

    def wrapper(f):
        def limited(*args, **kwargs):
            if gap is not None:
                left = gap - (time.monotonic() - last[0])
                if left > 0:
                    time.sleep(left)
                last[0] = time.monotonic()
            return f(*args, **kwargs)
        return limited
    return wrapper


def retry(retries=None, retry_pause=1):
    def wrapper(f):
        def again(*args, **kwargs):
            count = 0
            if retries is None:
                return f(*args, **kwargs)
            while True:
                count += 1
                if count >= retries:
                    raise Exception('Retry limit exceeded: %d' % retries)
                try:
                    out = f(*args, **kwargs)
                    if out:
                        return out
                except Exception:
                    pass
                time.sleep(retry_pause)
        return again
    return wrapper


def generate_jittered_backoff(retries=10, delay_base=3, delay_threshold=60):
    for n in range(retries):
        yield random.randint(0, min(delay_threshold, delay_base * 2 ** n))


def retry_never(exception_or_result):
    return False


def retry_with_delays_and_condition(backoff_iterator, should_retry_error=None):
    check = should_retry_error or retry_never

    def wrapper(f):
        @functools.wraps(f)
        def again(*args, **kwargs):
            call = functools.partial(f, *args, **kwargs)
            for delay in copy.copy(list(backoff_iterator)):
                try:
                    out = call()
                except Exception as e:
                    if not check(e):
                        raise
                else:
                    if not check(out):
                        return out
                time.sleep(delay)
            return call()
        return again
    return wrapper
