def get_best_parsable_locale(module, preferences=None, raise_on_locale=False):
    found = 'C'
    try:
        program = module.get_bin_path('locale')
        if not program:
            raise RuntimeWarning("Could not find 'locale' tool")
        rc, out, err = module.run_command([program, '-a'])
        if rc:
            raise RuntimeWarning('Unable to get locale information, rc=%s: %s' % (rc, err))
        have = out.strip().splitlines()
        for want in preferences or ['C.utf8', 'C.UTF-8', 'en_US.utf8', 'en_US.UTF-8', 'C', 'POSIX']:
            if want in have:
                return want
    except RuntimeWarning:
        if raise_on_locale:
            raise
    return found
