import { useState } from "react";
import { useQuery } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { useChartTitles } from "../../texts/records";
import { Button, TextField } from "../../ui";

/** As many as are read at a glance; whoever means another one types more. */
const FOUND_MAX = 6;

export interface KeepChartProps {
  kept: ReadonlySet<string>;
  onKeep(chart: string, patient: string): void;
}

/** Finds a chart that is on this device, to name it as one that stays. */
export function KeepChart({ kept, onKeep }: KeepChartProps) {
  const { admin, common } = useTexts();
  const words = admin.caseload;
  const format = useFormat();
  const title = useChartTitles();
  const [text, setText] = useState("");
  const wanted = text.trim();
  const found = useQuery(
    "chartsToKeep",
    async (vault) => (wanted === "" ? undefined : vault.patients({ text: wanted, myTeams: false, recent: false, most: FOUND_MAX })),
    [wanted],
  ).data;
  const patients = found?.patients.filter(({ role, chart }) => role === "patient" && !kept.has(chart)) ?? [];
  const keep = (chart: string, name: string) => {
    onKeep(chart, name);
    setText("");
  };
  return (
    <div className="stack-small">
      <TextField label={words.find} type="search" icon="search" value={text} onChange={setText} className="admin-find" />
      {found !== undefined && patients.length === 0 && <p className="quiet" role="status">{common.noMatches}</p>}
      <ul className="admin-people">
        {patients.map(({ chart, name, birthDate }) => (
          <li key={chart}>
            <span className="admin-name">
              <span>{title(name)}</span>
              {birthDate !== undefined && <span className="quiet small figures">{format.date(birthDate)}</span>}
            </span>
            <Button variant="quiet" icon="add" aria-label={words.keepLabel(title(name))} onPress={() => keep(chart, name)}>{words.keep}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
