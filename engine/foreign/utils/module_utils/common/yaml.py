# goplay's own helpers for modules: YAML where PyYAML is there.
from functools import partial

HAS_YAML = HAS_LIBYAML = False
yaml_load = yaml_load_all = yaml_dump = yaml_dump_all = None
try:
    import yaml as _yaml
    HAS_YAML = True
    HAS_LIBYAML = hasattr(_yaml, 'CSafeLoader')
    SafeLoader = _yaml.CSafeLoader if HAS_LIBYAML else _yaml.SafeLoader
    SafeDumper = _yaml.CSafeDumper if HAS_LIBYAML else _yaml.SafeDumper
    Parser = _yaml.cyaml.CParser if HAS_LIBYAML else None
    yaml_load, yaml_load_all = partial(_yaml.load, Loader=SafeLoader), partial(_yaml.load_all, Loader=SafeLoader)
    yaml_dump, yaml_dump_all = partial(_yaml.dump, Dumper=SafeDumper), partial(_yaml.dump_all, Dumper=SafeDumper)
except ImportError:
    SafeLoader = SafeDumper = Parser = None
