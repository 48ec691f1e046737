# goplay's own helpers for modules: small files.
import os


def get_file_content(path, default=None, strip=True):
    if os.path.exists(path) and os.access(path, os.R_OK):
        try:
            with open(path) as f:
                data = f.read()
            data = data.strip() if strip else data
            return data or default
        except Exception:
            return default
    return default


def get_file_lines(path, strip=True, line_sep=None):
    data = get_file_content(path, strip=strip)
    if not data:
        return []
    if line_sep is None:
        return data.splitlines()
    return data.rstrip(line_sep).split(line_sep) if len(line_sep) == 1 else data.split(line_sep)


def get_mount_size(mountpoint):
    try:
        s = os.statvfs(mountpoint)
    except OSError:
        return {}
    return dict(size_total=s.f_frsize * s.f_blocks, size_available=s.f_frsize * s.f_bavail, block_size=s.f_bsize, block_total=s.f_blocks,
                block_available=s.f_bavail, block_used=s.f_blocks - s.f_bavail, inode_total=s.f_files, inode_available=s.f_favail,
                inode_used=s.f_files - s.f_favail)
