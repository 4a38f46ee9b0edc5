import { useFormat, useTexts } from "../../../texts";
import { Badge, Card, type Column, Table } from "../../../ui";
import { LEVELS, type Person } from "./people";

/** Person by person: what they may do in the end, and by what. */
export function PeopleCard({ people }: { people: readonly Person[] }) {
  const { admin, common, share: words } = useTexts();
  const format = useFormat();
  const by = ({ through }: Person) => format.list(through.map((line) => (line.team ? line.name : words.byThemself)));
  const columns: Column<Person>[] = [
    {
      id: "name",
      name: words.person,
      compare: (a, b) => format.compare(a.member.name, b.member.name),
      render: ({ member }) => (
        <>
          {member.name} <span className="quiet small">{member.user}</span> {member.me && <Badge tone="info">{admin.members.you}</Badge>}
        </>
      ),
    },
    {
      id: "access",
      name: words.howFar,
      compare: (a, b) => LEVELS.indexOf(a.access) - LEVELS.indexOf(b.access),
      render: ({ member, access, through }) => (
        <>
          {common.access[access]}
          {member.role === "reader" && through.some((line) => line.access !== "read") && (
            <span className="quiet small"> {words.readerOnly}</span>
          )}
        </>
      ),
    },
    { id: "through", name: words.through, render: by },
  ];
  return (
    <Card title={words.people}>
      <Table caption={words.people} columns={columns} rows={people} rowId={({ member }) => member.id} empty={<p className="quiet">{common.none}</p>} />
    </Card>
  );
}
