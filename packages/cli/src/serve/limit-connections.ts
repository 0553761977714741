import type { Server } from 'node:net';

/**
 * Holds the number of open connections of a server down by closing the oldest one where a new one
 * comes: clients that hold connections open and say nothing cannot keep a probe from being answered.
 */
export function limitConnections(server: Server, limit: number): void {
  const open = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    for (const oldest of open) {
      if (open.size <= limit) break;
      open.delete(oldest);
      oldest.destroy();
    }
  });
}
