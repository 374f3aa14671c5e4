/*
 * The service worker of a browser that has no other notifications: a click on one leads back to the page. A script of
 * its own, and without exports: as a module it would be asked for without the cookie, and refused.
 */
const { clients } = self as unknown as ServiceWorkerGlobalScope;

addEventListener('notificationclick', (event) => {
  const { notification } = event as NotificationEvent;
  notification.close();
  (event as NotificationEvent).waitUntil(show(notification.data));
});

async function show({ page, id }: { page: string; id: number | undefined }): Promise<void> {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const found = pages.find(({ url }) => url.startsWith(page)) ?? pages[0];
  found?.postMessage(id);
  await found?.focus();
}
