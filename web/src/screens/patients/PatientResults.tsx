import { type KeyboardEvent, memo, type RefObject, useState } from "react";
import { useTexts } from "../../texts";
import { EmptyState, FailureNotice, More, Unanswered } from "../../ui";
import { PatientRow } from "./PatientRow";
import { useTyped } from "./useTyped";

/** More lines than fit a screen, and few enough to be drawn anew with each letter on a slow tablet. */
const LINES = 50;
/** Whoever has looked at so many finds faster by typing. */
const LINES_MAX = 100;

export interface PatientResultsProps {
  text: string;
  filter: "all" | "recent" | "myTeams";
  list: RefObject<HTMLUListElement | null>;
  /** Around the search field, to which the arrow up leads from the first line. */
  field: RefObject<HTMLDivElement | null>;
}

/** The patients that match, a few of many, and how many more there are. */
export const PatientResults = memo(function PatientResults({ text, filter, list, field }: PatientResultsProps) {
  const { patients: texts } = useTexts();
  const [most, setMost] = useState(LINES);
  const found = useTyped(
    "patients",
    text,
    (vault, typed) => vault.patients({ text: typed, recent: filter === "recent", myTeams: filter === "myTeams", most }),
    [filter, most],
  );
  if (found.data === undefined) return <Unanswered failure={found.failure} />;

  const { patients, more } = found.data;
  const leave = () => field.current?.querySelector("input")?.focus();
  return (
    <div className="stack-small">
      <FailureNotice failure={found.failure} />
      <p className="quiet small figures" role="status">{texts.shown(patients.length, more)}</p>
      {patients.length === 0 ? <NobodyFound searched={text.trim() !== ""} filter={filter} /> : (
        <ul className="patient-list" ref={list} aria-label={texts.listLabel} aria-busy={found.behind} onKeyDown={(event) => moveInList(event, leave)}>
          {/* By chart: whoever has gone to a line stays with that person, whatever a late answer puts around it. */}
          {patients.map((line) => <PatientRow key={line.chart} line={line} />)}
        </ul>
      )}
      {more > 0 && most < LINES_MAX && <More count={Math.min(more, LINES_MAX - most)} onMore={() => setMost(LINES_MAX)} />}
      {more > 0 && most === LINES_MAX && <p className="quiet">{texts.typeMore}</p>}
    </div>
  );
});

function NobodyFound({ searched, filter }: { searched: boolean; filter: PatientResultsProps["filter"] }) {
  const { patients: texts } = useTexts();
  if (searched) return <EmptyState icon="search" title={texts.noMatchTitle}>{texts.noMatchExplain}</EmptyState>;
  if (filter === "recent") return <EmptyState icon="clock" title={texts.recentEmpty} />;
  if (filter === "myTeams") return <EmptyState icon="team" title={texts.teamsEmpty} />;
  return <EmptyState icon="patients" title={texts.emptyTitle}>{texts.emptyExplain}</EmptyState>;
}

/** Arrow keys, Home and End go from line to line; Enter opens, as every link does. */
function moveInList(event: KeyboardEvent<HTMLUListElement>, leave: () => void): void {
  const lines = [...event.currentTarget.querySelectorAll("a")];
  const at = lines.findIndex((line) => line === document.activeElement);
  const places: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 };
  const to = places[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  if (to < 0) leave();
  else lines[to]?.focus();
}
