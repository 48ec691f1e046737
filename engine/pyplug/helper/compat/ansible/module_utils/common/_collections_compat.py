from collections.abc import Container, Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping, MappingView, MutableMapping  # noqa: F401
from collections.abc import MutableSequence, MutableSet, Sequence, Set, Sized, ValuesView  # noqa: F401
