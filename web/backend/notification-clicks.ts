/** What the worker does of which a browser without other notifications shows them: a click leads back to the page. */
export function answerNotificationClicks({ clients }: ServiceWorkerGlobalScope): void {
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
}
