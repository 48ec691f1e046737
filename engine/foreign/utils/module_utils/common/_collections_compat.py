from collections.abc import Callable, Container, Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping, MappingView, MutableMapping  # noqa: F401
from collections.abc import MutableSequence, MutableSet, Sequence, Set, Sized, ValuesView  # noqa: F401
