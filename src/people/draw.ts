import type { TreePerson } from "./tree.ts";

/** The tree for people: one line each, with lines from who invited to who was. */
export function drawTree(people: readonly TreePerson[], host: string): string[] {
  return people.flatMap((person) => [label(person, host), ...drawBelow(person)]);
}

function drawBelow({ people, more, invited }: TreePerson): string[] {
  const lines = people.flatMap((person, i) => {
    const isLast = i === people.length - 1 && !more;
    const below = drawBelow(person).map((line) => (isLast ? "   " : "│  ") + line);
    return [`${isLast ? "└─" : "├─"} ${label(person)}`, ...below];
  });
  return more ? [...lines, `└─ … ${invited - people.length} more`] : lines;
}

/** At the top it is said by whom somebody came, below the lines say it. */
function label({ user, invited_by, joined_at, frozen }: TreePerson, host?: string): string {
  const by = host === undefined || invited_by === null ? "" : `, by ${short(invited_by, host)}`;
  const facts = [
    ...(joined_at === undefined ? [] : [`${joined_at.slice(0, 10)}${by}`]),
    ...(frozen ? ["frozen"] : []),
  ];
  return [user ?? "(erased)", ...facts.map((fact) => `(${fact})`)].join(" ");
}

const short = (jid: string, host: string) => jid.endsWith(`@${host}`) ? jid.slice(0, -host.length - 1) : jid;
