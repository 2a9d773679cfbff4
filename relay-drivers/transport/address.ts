/** How a port is named in the configuration: a device path, or `tcp://host:port` of a serial-to-network adapter. */

export type Parity = 'none' | 'even' | 'odd';

export interface PortSettings {
  readonly path: string;
  readonly baud: number;
  readonly parity: Parity;
  /** 8 when absent; old P1 ports have 7. */
  readonly dataBits?: 7 | 8;
}

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

export function isTcpPath(path: string): boolean {
  return path.startsWith('tcp:');
}

/** Null when it is not `tcp://host:port`, whole and with nothing else in it. */
export function parseTcpPath(path: string): TcpAddress | null {
  const parts = /^tcp:\/\/(?:\[([0-9a-fA-F:.]+)\]|([^\s:/?#@[\]]+)):(\d{1,5})$/.exec(path);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  return host !== undefined && port >= 1 && port <= 65535 ? { host, port } : null;
}
