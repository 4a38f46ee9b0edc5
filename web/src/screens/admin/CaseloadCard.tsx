// Which charts this device holds. It is this device's own setting and no statement of the directory: whoever uses the
// device chooses, with or without a network, and the next exchange brings and takes away.

import { useState } from "react";
import { useAct, useQuery, useVaultLine } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { useChartTitles } from "../../texts/records";
import { Button, Card, FailureNotice, Notice, Radios, toast } from "../../ui";
import type { Caseload, CaseloadChart, Team } from "../../vault";
import { Answer } from "./Answer";
import { EvictDialog } from "./EvictDialog";
import { KeepChart } from "./KeepChart";
import { SomeOf, toggled } from "./SomeOf";

/** What is chosen on the screen and not saved yet. */
interface Chosen {
  all: boolean;
  teams: ReadonlySet<string>;
  charts: readonly CaseloadChart[];
}

export function CaseloadCard() {
  const words = useTexts().admin.caseload;
  const { server } = useVaultLine();
  return (
    <Card title={words.title}>
      {server === undefined ? <p className="quiet">{words.noServer}</p> : <Held />}
    </Card>
  );
}

function Held() {
  const words = useTexts().admin.caseload;
  const caseload = useQuery("caseload", (vault) => vault.caseload());
  const teams = useQuery("teams", (vault) => vault.teams());
  return (
    <>
      <p className="quiet">{words.explain}</p>
      <Answer query={caseload}>
        {(held) => <Answer query={teams}>{(all) => <CaseloadForm held={held} teams={all.filter(({ everyone }) => !everyone)} />}</Answer>}
      </Answer>
    </>
  );
}

function CaseloadForm({ held, teams }: { held: Caseload; teams: readonly Team[] }) {
  const words = useTexts().admin.caseload;
  const [edited, setEdited] = useState<Chosen>();
  const [evicting, setEvicting] = useState<CaseloadChart>();
  const act = useAct((vault, form: Chosen) => vault.setCaseload(formOf(form)));
  const chosen = edited ?? chosenOf(held, teams);
  const change = (part: Partial<Chosen>) => setEdited({ ...chosen, ...part });
  const save = async () => {
    if ((await act.run(chosen)) === undefined) return;
    setEdited(undefined);
    toast(words.saved);
  };
  const isSaved = (chart: string) => !held.all && held.charts.some((one) => one.chart === chart);
  const without = (chart: string) => chosen.charts.filter((one) => one.chart !== chart);
  const choices = [
    { id: "all", label: words.all, description: words.allExplain },
    { id: "some", label: words.some, description: words.someExplain },
  ] as const;
  return (
    <div className="stack">
      <Radios label={words.label} options={choices} value={chosen.all ? "all" : "some"} onChange={(id) => change({ all: id === "all" })} />
      {!chosen.all && (
        <>
          <SomeOf
            label={words.teams}
            options={teams.map(({ name }) => ({ id: name, label: name }))}
            chosen={chosen.teams}
            onToggle={(name) => change({ teams: toggled(chosen.teams, name) })}
            none={words.noTeams}
          />
          <SingleCharts
            charts={chosen.charts}
            onRemove={(one) => (isSaved(one.chart) ? setEvicting(one) : change({ charts: without(one.chart) }))}
          />
          <KeepChart
            kept={new Set(chosen.charts.map(({ chart }) => chart))}
            onKeep={(chart, patient) => change({ charts: [...without(chart), { chart, patient }] })}
          />
        </>
      )}
      {edited !== undefined && !edited.all && (
        <Notice tone="warn">{isNothing(edited) ? words.nothing : words.narrowing}</Notice>
      )}
      <FailureNotice failure={act.failure} />
      <div className="row">
        <Button variant="primary" isDisabled={edited === undefined} isPending={act.busy} onPress={() => void save()}>{words.save}</Button>
      </div>
      {evicting !== undefined && (
        <EvictDialog
          chart={evicting}
          // What is being chosen meanwhile is not saved with it.
          rest={formOf(withoutChart(chosenOf(held, teams), evicting.chart))}
          onDone={() => edited !== undefined && change({ charts: without(evicting.chart) })}
          onClose={() => setEvicting(undefined)}
        />
      )}
    </div>
  );
}

function SingleCharts({ charts, onRemove }: { charts: readonly CaseloadChart[]; onRemove(chart: CaseloadChart): void }) {
  const words = useTexts().admin.caseload;
  const title = useChartTitles();
  if (charts.length === 0) return <p className="quiet">{words.noCharts}</p>;
  return (
    <div className="field">
      <span className="label">{words.charts}</span>
      <ul className="admin-people" aria-label={words.charts}>
        {charts.map((one) => {
          const name = one.patient === undefined ? words.notYet : title(one.patient);
          return (
            <li key={one.chart}>
              <span>{name}</span>
              <Button variant="quiet" icon="close" onPress={() => onRemove(one)} aria-label={words.evictLabel(name)}>{words.evict}</Button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The organisation's own records come with the team of everyone, which is not one to choose. */
function chosenOf(held: Caseload, teams: readonly Team[]): Chosen {
  const known = held.teams.filter((name) => teams.some((team) => team.name === name));
  return { all: held.all, teams: new Set(known), charts: held.charts };
}

function withoutChart(chosen: Chosen, chart: string): Chosen {
  return { ...chosen, charts: chosen.charts.filter((one) => one.chart !== chart) };
}

function formOf({ all, teams, charts }: Chosen) {
  return { all, teams: [...teams], charts: charts.map(({ chart }) => chart) };
}

function isNothing({ teams, charts }: Chosen): boolean {
  return teams.size === 0 && charts.length === 0;
}
