/** The page works without a connection after its first load: a service worker keeps the files of this build. */
export function registerOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  addEventListener('load', () => {
    navigator.serviceWorker.register('./sw.js').catch((error: unknown) => {
      // Only offline use is lost; private windows forbid it.
      console.info('no offline use:', error);
    });
  });
}
