class AnsibleUnicode(str):
    pass


class AnsibleSequence(list):
    pass


class AnsibleMapping(dict):
    pass


class AnsibleVaultEncryptedUnicode(str):
    pass
