/** An id out of a name: "Küche, Ofen 2" -> "kuche-ofen-2". */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  return slug.slice(0, 56).replace(/-+$/, '') || 'appliance';
}

/** The slug itself, or the first of `-2`, `-3`, ... that nothing has yet. */
export function freeId(name: string, isTaken: (id: string) => boolean): string {
  const slug = slugOf(name);
  let id = slug;
  for (let n = 2; isTaken(id); n += 1) id = `${slug}-${n}`;
  return id;
}
