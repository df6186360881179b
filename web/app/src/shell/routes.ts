/** The addresses of the app's views, after `#`. */

/** Where a world is shown: one on the server has an address that any tab can open. */
export function worldAddress(id: string | undefined): string {
  return id === undefined ? '#/world' : `#/worlds/${encodeURIComponent(id)}`;
}

/** Whether the page shows a world, this one or another. */
export function showsWorld(): boolean {
  return /^#\/(world$|worlds\/.)/.test(location.hash);
}
