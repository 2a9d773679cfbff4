import type { Listeners, OpenLine } from './feed.ts';
import { parseMessage } from './parse.ts';

/** Opens the hub's live feed as a WebSocket, from the commit after `afterSeq` or with a snapshot. */
export function openSocket(baseUrl: string, afterSeq: number | null, on: Listeners): OpenLine {
  const query = afterSeq === null ? '' : `?after=${afterSeq}`;
  const socket = new WebSocket(`${baseUrl}/api/live${query}`);
  let isOpen = true;
  const end = () => {
    if (!isOpen) return;
    isOpen = false;
    on.ended();
  };
  // Once it is closing, a WebSocket delivers nothing more.
  socket.onmessage = ({ data }) => on.heard(parseMessage(data));
  socket.onclose = end;
  socket.onerror = end;
  return {
    close: () => {
      isOpen = false;
      socket.close();
    },
  };
}
