# goplay's own helpers for modules: JSON.
import datetime
import json


class AnsibleJSONEncoder(json.JSONEncoder):
    def __init__(self, preprocess_unsafe=False, vault_to_text=False, **kwargs):
        json.JSONEncoder.__init__(self, **kwargs)

    def default(self, o):
        if getattr(o, '__ENCRYPTED__', False):
            return {'__ansible_vault': str(getattr(o, '_ciphertext', o))}
        if isinstance(o, (datetime.date, datetime.datetime)):
            return o.isoformat()
        if isinstance(o, bytes):
            return o.decode('utf-8', 'surrogateescape')
        if hasattr(o, 'keys'):
            return dict(o)
        if hasattr(o, '__iter__'):
            return list(o)
        return json.JSONEncoder.default(self, o)


def json_dump(structure):
    return json.dumps(structure, cls=AnsibleJSONEncoder, sort_keys=True, indent=4)
