import type { ApplianceView } from '../wire.ts';

export interface RoomGroup {
  /** Null: said of no room. */
  readonly room: string | null;
  readonly appliances: readonly ApplianceView[];
}

/** By room, both in the order of the alphabet: a row never moves because of what its appliance does. */
export function byRoom(appliances: readonly ApplianceView[]): readonly RoomGroup[] {
  const rooms = new Map<string | null, ApplianceView[]>();
  for (const a of appliances) rooms.set(a.room, [...(rooms.get(a.room) ?? []), a]);
  return [...rooms]
    .map(([room, members]) => ({ room, appliances: members.sort((a, b) => a.name.localeCompare(b.name)) }))
    .sort((a, b) => Number(a.room === null) - Number(b.room === null) || (a.room ?? '').localeCompare(b.room ?? ''));
}
