/** Outlines on a 24 x 24 grid, drawn with a round stroke. */
export const ICONS = {
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  tv: 'M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 21h8',
  microwave:
    'M4 5h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM16 5v14M5.5 8.5h7v7h-7zM19 9v.01M19 12v.01M19 15v.01',
  coffee: 'M4 9h12v6a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4zM16 10h2a2.5 2.5 0 0 1 0 5h-2M8 3v3M12 3v3',
  dishwasher:
    'M6 3h12a2 2 0 0 1 2 2v16H4V5a2 2 0 0 1 2-2zM4 8h16M8 5.6v.01M12 5.6h4M16 14.5a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM12 14.5v.01',
  oven: 'M5 3h14a2 2 0 0 1 2 2v16H3V5a2 2 0 0 1 2-2zM3 8h18M7 5.6v.01M10.5 5.6v.01M14 5.6v.01M7 11.5h10v6H7zM9.5 14h5',
  toaster:
    'M4 20v-8a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3v8zM8 9V5.5A1.5 1.5 0 0 1 9.5 4h5A1.5 1.5 0 0 1 16 5.500V9M20 13h2M8 13h8',
  hairdryer: 'M15 9A6 6 0 1 1 3 9a6 6 0 0 1 12 0zM14.5 6.5 21 5v8l-6.5-1.500M8 15l1 6h4l-1.6-6.500M9 9v.01',
  heater:
    'M5 6h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zM8 6v13M12 6v13M16 6v13M6 19v2M18 19v2M9 3h6',
  washer:
    'M6 3h12a2 2 0 0 1 2 2v16H4V5a2 2 0 0 1 2-2zM17 13.500a5 5 0 1 1-10 0 5 5 0 0 1 10 0zM8 6v.01M11 6v.01M8.5 14c1.5-1.2 3.5 1.2 7 0',
  lamp: 'M9 3h6l4 9H5zM12 12v9M8 21h8',
  fridge: 'M8 2h8a2 2 0 0 1 2 2v17H6V4a2 2 0 0 1 2-2zM6 10h12M9 5.500v2M9 13v3',
  car: 'M5 17v-5l2-5h10l2 5v5zM5 12h14M7.5 17v2M16.5 17v2M8 14.500v.01M16 14.500v.01',
  water: 'M12 3c4 4.6 6 7.5 6 11a6 6 0 0 1-12 0c0-3.5 2-6.4 6-11zM9.5 14.500a2.5 2.5 0 0 0 2.5 2.5',
  cooling: 'M12 2.500v19M3.8 7.200l16.4 9.600M20.2 7.2 3.8 16.800M9.5 4 12 6.5 14.5 4M9.5 20l2.5-2.5 2.5 2.5',
  computer: 'M6 4h12a2 2 0 0 1 2 2v9H4V6a2 2 0 0 1 2-2zM2 19h20',
  kettle: 'M7 9h9l1.5 11h-12zM8.5 9a3 3 0 0 1 6 0M11.5 6V4M16.3 11H18a2 2 0 0 1 2 2v2a2 2 0 0 1-2 2M7 11 3.5 9.5',
  router: 'M4 14h16v5H4zM7.5 16.5v.01M11 16.5v.01M17 14V9M14 6.5a4.2 4.2 0 0 1 6 0',
  iron: 'M3 18h18v-1.500A8.5 8.5 0 0 0 12.5 8H8M3 18c0-4 2.5-6.5 6.5-6.500h7.600M8 8V6h3',
  bolt: 'M13 2 5 14h6l-1 8 8-12h-6z',
  check: 'M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM8 12.200l2.8 2.800L16 9.5',
  warning: 'M12 3.5 2.5 20h19zM12 10v4.500M12 17.300v.01',
  stop: 'M8.3 3h7.400L21 8.300v7.400L15.7 21H8.300L3 15.700V8.300zM12 7.500v5.500M12 16.300v.01',
  unknown: 'M9 9a3 3 0 1 1 4.3 2.700c-.8.4-1.3 1-1.3 1.800v.5M12 17.300v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  off: 'M19 12a7 7 0 1 1-14 0 7 7 0 0 1 14 0z',
  moving: 'M12 4a8 8 0 1 1-7.5 5.2',
  lost: 'M3 3l18 18M5 12.500a10 10 0 0 1 4-2.400M2 8.800a15 15 0 0 1 4.5-2.900M11 5.100A15 15 0 0 1 22 8.800M14.5 10.300a10 10 0 0 1 4.5 2.200M8.5 16a5 5 0 0 1 7 0M12 19.500v.01',
  close: 'M6 6l12 12M18 6 6 18',
  leave: 'M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h11M17.5 8.5 21 12l-3.5 3.5',
  shield: 'M12 3 5 6v5.500c0 4.5 3 7.8 7 9.5 4-1.7 7-5 7-9.500V6z',
  eye: 'M2 12s3.6-6.5 10-6.500S22 12 22 12s-3.6 6.5-10 6.500S2 12 2 12zM14.5 12a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
  house: 'M3 11.500 12 4l9 7.500M6 9.500V20h12V9.500',
  circuit: 'M3 12h6M15 6h6M15 18h6M9 12c4 0 2-6 6-6M9 12c4 0 2 6 6 6',
  clock: 'M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM12 7v5l3.500 2',
  note: 'M7 12h10',
  add: 'M12 5v14M5 12h14',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.500v2',
  unlock: 'M6 11h12v9H6zM8.5 11V7.500a3.5 3.5 0 0 1 6.800-1.200M12 14.500v2',
  shared:
    'M12 8a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM3 20a6 6 0 0 1 12 0M15.500 5.300a3 3 0 0 1 0 5.400M17 14.500a6 6 0 0 1 4 5.500',
  chart: 'M4 4v16h16M8 16v-4M12 16V8M16 16v-6',
  back: 'M14.5 6 8.500 12l6 6',
  forth: 'M9.500 6l6 6-6 6',
  less: 'M5 12h14',
  save: 'M12 4v11M7.500 10.500 12 15l4.500-4.500M5 20h14',
  equal: 'M7 9.500h10M7 14.500h10',
} as const;

export type IconName = keyof typeof ICONS;

/** The first word that occurs in an appliance's icon, id or name decides; what nothing fits is a plug. */
const KEYWORDS: readonly (readonly [RegExp, IconName])[] = [
  [/tv|televis/, 'tv'],
  [/microwave/, 'microwave'],
  [/coffee|espresso/, 'coffee'],
  [/dish/, 'dishwasher'],
  [/toast/, 'toaster'],
  [/hair|blow/, 'hairdryer'],
  [/wash|laundry|tumble|dryer/, 'washer'],
  [/kettle/, 'kettle'],
  [/oven|stove|hob|cooker/, 'oven'],
  [/boiler|water|pump/, 'water'],
  [/heat|radiator/, 'heater'],
  [/lamp|light|bulb/, 'lamp'],
  [/fridge|freezer/, 'fridge'],
  [/car\b|\bev\b|wallbox|charger/, 'car'],
  [/\bac\b|air.?con|cool|fan\b/, 'cooling'],
  [/comput|desk|laptop|\bpc\b|server/, 'computer'],
  [/router|wifi|modem/, 'router'],
  [/\biron/, 'iron'],
];

export function iconOf(appliance: {
  readonly icon: string | null;
  readonly id: string;
  readonly name: string;
}): IconName {
  for (const text of [appliance.icon ?? '', appliance.id, appliance.name]) {
    const found = KEYWORDS.find(([word]) => word.test(text.toLowerCase()));
    if (found !== undefined) return found[1];
  }
  return 'plug';
}
