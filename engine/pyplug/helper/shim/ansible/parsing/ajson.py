import json

from ansible.module_utils.common.json import AnsibleJSONEncoder  # noqa: F401

AnsibleJSONDecoder = json.JSONDecoder
