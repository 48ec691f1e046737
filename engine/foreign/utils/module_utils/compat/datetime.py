import datetime

UTC = datetime.timezone.utc


def utcnow():
    return datetime.datetime.now(UTC)


def utcfromtimestamp(timestamp):
    return datetime.datetime.fromtimestamp(timestamp, UTC)
