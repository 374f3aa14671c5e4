/** Event types that the page takes besides lines: EventSource dispatches them only to listeners of that name. */
export const eventTypes = ['hello', 'origin', 'partial', 'status', 'gap', 'skip', 'reset', 'ping', 'progress'] as const;
