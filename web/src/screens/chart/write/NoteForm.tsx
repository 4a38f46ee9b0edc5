import { decodeText, encodeText } from "../../../app/files";
import { useTexts } from "../../../texts";
import { TextField } from "../../../ui";
import { fieldTime, localTime, timeIn } from "./times";
import { coded, conceptWords, inWords, LOINC } from "./fhir";
import { changedFrom, type Existing, type Faults, type Fields, type FormViewProps, type Opened, type RecordForm, resourceIn, type Start } from "./form";
import { type JsonObject, itemsOf, objectOf, textOf, writeJson } from "./json";
import { TimeField } from "./TimeField";

type NoteField = "title" | "text" | "when";

/** LOINC's code for any note; it is what a note without a title is called. */
const NOTE = coded(LOINC, "34109-9", "Note");
const PLAIN = "text/plain; charset=utf-8";

/** A note is a DocumentReference whose text is in the record itself, in UTF-8. */
export const noteForm: RecordForm<NoteField> = {
  empty: () => ({ title: "", text: "", when: localTime(new Date()) }),
  read,
  faults(fields, { common, write: texts }, existing) {
    const faults: Faults<NoteField> = {};
    if (fields.text.trim() === "") faults.text = common.required;
    if (changedFrom(existing, fields)("when") && timeIn(fields.when) === undefined) faults.when = texts.timeWrong;
    return faults;
  },
  write: (fields, start, existing) => [{ text: writeJson(written(fields, start, existing)), from: [] }],
  View: NoteFields,
  wide: true,
};

function read(text: string): Opened<NoteField> | undefined {
  const resource = resourceIn(text, "DocumentReference");
  const [content, ...others] = itemsOf(resource?.["content"]);
  const attachment = objectOf(objectOf(content)?.["attachment"]);
  if (resource === undefined || attachment === undefined || others.length > 0) return undefined;
  if (!/^text\/plain\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(textOf(attachment["contentType"]))) return undefined;
  const said = decodeText(textOf(attachment["data"]));
  if (said === undefined || textOf(attachment["data"]) === "") return undefined;
  const when = textOf(resource["date"]);
  const fields = { title: conceptWords(resource["type"]), text: said, when: fieldTime(when) };
  return { fields, hidden: when === "" ? ["when"] : [] };
}

function written(fields: Fields<NoteField>, { id, patient, author }: Start, existing: Existing<NoteField> | undefined): JsonObject {
  const changed = changedFrom(existing, fields);
  const before = existing && resourceIn(existing.text, "DocumentReference");
  const title = inWords(fields.title);
  const fresh: JsonObject = {
    resourceType: "DocumentReference",
    id,
    status: "current",
    docStatus: "final",
    subject: patient === undefined ? undefined : { reference: patient },
    author: [{ display: author }],
  };
  const [content] = itemsOf(before?.["content"]).map(objectOf);
  const attachment: JsonObject = {
    ...objectOf(content?.["attachment"]),
    contentType: PLAIN,
    data: encodeText(fields.text),
    // Both were about the text that is replaced.
    size: undefined,
    hash: undefined,
  };
  return {
    ...(before ?? fresh),
    ...(changed("title") ? { type: before === undefined ? { ...NOTE, ...title } : (title ?? NOTE) } : {}),
    ...(changed("when") ? { date: timeIn(fields.when) } : {}),
    ...(changed("text") ? { content: [{ ...content, attachment }] } : {}),
  };
}

function NoteFields({ fields, faults, shows, onChange }: FormViewProps<NoteField>) {
  const { write: texts } = useTexts();
  return (
    <div className="stack">
      <div className="write-pair">
        <TextField
          label={texts.noteTitle}
          description={texts.noteTitleExplain}
          value={fields.title}
          onChange={(title) => onChange({ title })}
        />
        {shows("when") && (
          <TimeField label={texts.when} value={fields.when} error={faults.when} onChange={(when) => onChange({ when })} />
        )}
      </div>
      <TextField label={texts.text} value={fields.text} error={faults.text} onChange={(text) => onChange({ text })} rows={12} />
    </div>
  );
}
