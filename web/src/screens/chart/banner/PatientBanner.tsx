import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTexts } from "../../../texts";
import { ageInWords, today } from "../../../texts/age";
import { useRecordNames } from "../../../texts/records";
import { Badge, classes } from "../../../ui";
import type { Banner, ChartPage } from "../../../vault";
import { ChartMenus } from "../ChartMenus";
import { useWho } from "../who";
import { AllergyStrip } from "./AllergyStrip";
import { ChartState } from "./ChartState";

/**
 * Who this is, on every part of the chart and however far it is scrolled: after the NHS patient banner. `place` is the part
 * of the chart that is shown, for the title of the window, in which no name of a patient stands.
 */
export function PatientBanner({ page, place }: { page: ChartPage; place: string }) {
  const { chart: texts, common } = useTexts();
  const who = useWho();
  const { banner } = page;
  const died = banner.died !== undefined;
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${place} – ${common.product}`;
  }, [place, common.product]);
  useEffect(() => {
    // The keyboard and screen readers go on from here when a chart comes up.
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <section className={classes("banner", died && "banner-died")} aria-labelledby={id}>
      <div className="banner-head">
        <h1 id={id} ref={heading} tabIndex={-1}>{who.name(page)}</h1>
        {died && <Badge tone="neutral">{texts.deceased}</Badge>}
        <div className="banner-actions row screen-only"><ChartMenus page={page} /></div>
      </div>
      {page.role === "patient" && (
        <>
          <Who banner={banner} />
          <AllergyStrip allergies={page.allergies} notListed={page.allergiesNotListed} />
        </>
      )}
      <ChartState page={page} />
    </section>
  );
}

function Who({ banner }: { banner: Banner }) {
  const { chart: texts, common } = useTexts();
  const name = useRecordNames();
  const { day } = useWho();
  const { born, died } = banner;
  const age = ageInWords(texts.ages, born, died ?? today());
  return (
    <dl className="banner-facts">
      <Fact name={texts.born}>
        {day(born)}
        {died === undefined && age !== undefined && ` ${texts.age(age)}`}
      </Fact>
      {died !== undefined && (
        <Fact name={texts.died}>
          {day(died)}
          {age !== undefined && ` ${texts.ageAtDeath(age)}`}
        </Fact>
      )}
      <Fact name={texts.sex}>{name(banner.sex)}</Fact>
      <Fact name={texts.numbers}>
        {banner.identifiers.length === 0 && common.notKnown}
        {banner.identifiers.map(({ label, value, system }) => (
          <span key={`${system} ${value}`} className="banner-number">
            {label !== undefined && <span className="quiet">{`${label} `}</span>}
            {value}
          </span>
        ))}
      </Fact>
      {banner.otherNames.length > 0 && <Fact name={texts.otherNames}>{banner.otherNames.join(", ")}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figures">{children}</dd>
    </div>
  );
}
