/** The address of the next page, relative: right behind any proxy. */
export function nextPage(url: string, after: string, name = "after"): string {
  const { pathname, searchParams } = new URL(url);
  searchParams.set(name, after);
  return `${pathname}?${searchParams}`;
}
