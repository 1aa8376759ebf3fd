/** The items 0 to `count - 1`. */
export function iterate<T>(count: number, item: (i: number) => T): Iterator<T> {
  let i = 0;
  return {
    next(): IteratorResult<T> {
      return i < count ? { done: false, value: item(i++) } : { done: true, value: undefined };
    },
  };
}
