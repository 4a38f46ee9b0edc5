import { type FormEvent, useState } from "react";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, TextField, toast } from "../../ui";
import { DirectoryFailure } from "./directory";

/** The way back for an organisation without administrators, for whoever brings enough of the sheets. */
export function Appoint() {
  const words = useTexts().admin.appoint;
  const [user, setUser] = useState("");
  const [sheets, setSheets] = useState("");
  const shares = sheets.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const act = useAct(async (vault) => {
    await vault.appointAdmin(user.trim(), shares);
    return true;
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await act.run()) === undefined) return;
    toast(words.done(user.trim()));
    setUser("");
    setSheets("");
  };
  return (
    <details className="card">
      <summary>{words.title}</summary>
      <form className="stack measure" onSubmit={(event) => void submit(event)}>
        <p>{words.explain}</p>
        <TextField label={words.user} value={user} onChange={setUser} isRequired />
        <TextField label={words.sheets} value={sheets} onChange={setSheets} rows={4} fixed isRequired />
        <DirectoryFailure failure={act.failure} />
        <div className="row">
          <Button type="submit" isDisabled={user.trim() === "" || shares.length === 0} isPending={act.busy}>{words.submit}</Button>
        </div>
      </form>
    </details>
  );
}
