import type { ReactNode } from "react";
import { useTexts } from "../../../texts";
import { useRecordCodes, useRecordNames } from "../../../texts/records";
import { classes, Icon } from "../../../ui";
import type { Allergies, Allergy } from "../../../vault";

/**
 * Allergies, always in sight. "None recorded" looks unlike "no known allergies": the one means that nobody may have asked.
 * Of the other the statements are shown as they were recorded, since somebody may have been asked about food only.
 */
export function AllergyStrip({ allergies, notListed }: { allergies: Allergies; notListed: number }) {
  const { chart: texts } = useTexts();
  const name = useRecordNames();
  const rest = notListed > 0 && <span className="small">{texts.allergiesNotListed(notListed)}</span>;
  if (allergies.state === "noneRecorded") {
    return (
      <Strip state="none">
        <span>{texts.allergiesNoneRecorded}</span>
        {rest}
      </Strip>
    );
  }
  if (allergies.state === "noKnown") {
    return (
      <Strip state="no-known">
        <strong>{allergies.statements.map(name).join(" · ")}</strong>
        {rest}
      </Strip>
    );
  }
  return (
    <Strip state="listed">
      <ul className="allergy-list">
        {allergies.allergies.map((allergy) => <AllergyChip key={allergy.held.key} allergy={allergy} />)}
      </ul>
      {allergies.noKnown.length > 0 && <span>{allergies.noKnown.map(name).join(" · ")}</span>}
      {rest}
    </Strip>
  );
}

function Strip({ state, children }: { state: "none" | "no-known" | "listed"; children: ReactNode }) {
  const { chart: texts } = useTexts();
  const icon = { none: "alert", "no-known": "check", listed: "allergy" } as const;
  return (
    // Where there are very many it scrolls within the banner, and has to be reached by keyboard for that.
    <div className={classes("allergies", `allergies-${state}`)} role="group" aria-label={texts.allergies} tabIndex={0}>
      <Icon name={icon[state]} />
      <strong className="allergies-title">{texts.allergies}</strong>
      {children}
    </div>
  );
}

function AllergyChip({ allergy }: { allergy: Allergy }) {
  const { chart: texts } = useTexts();
  const name = useRecordNames();
  const code = useRecordCodes();
  const { what, highRisk, reactions, certainty } = allergy;
  const more = [...reactions, ...(certainty === undefined ? [] : [code(certainty)])];
  return (
    <li className={classes("allergy", highRisk && "allergy-high")}>
      {highRisk && <Icon name="alert" label={texts.allergyHighRisk} />}
      <strong>{name(what)}</strong>
      {more.length > 0 && <span>{more.join(", ")}</span>}
    </li>
  );
}
