import { useEffect, useState } from "react";
import { type Build, changeBuild, runningBuild, type ServerBuild, serverBuild, useNewBuildWaits } from "../../app/build";
import { useIsEditing } from "../../app/editing";
import { useTexts } from "../../texts";
import { Button, Card, Facts, Notice } from "../../ui";

/** Which program runs here, and which one the server would send: both by hash, so that people can compare. */
export function ProgramCard() {
  const { app, technical: texts } = useTexts();
  const [running, setRunning] = useState<Build>();
  const [server, setServer] = useState<ServerBuild | "unreached">();
  const waits = useNewBuildWaits();
  const editing = useIsEditing();
  useEffect(() => {
    let current = true;
    void runningBuild().then((build) => current && setRunning(build));
    void serverBuild().then((build) => current && setServer(build ?? "unreached"));
    return () => {
      current = false;
    };
  }, []);
  const files = typeof server === "object" ? Object.entries(server.files) : [];
  return (
    <Card title={texts.program}>
      <h3>{texts.running}</h3>
      <Facts
        items={[
          [texts.version, running?.version],
          [texts.build, running === undefined ? undefined : running.build === undefined ? texts.notKept : <span className="fixed">{running.build}</span>],
        ]}
      />
      <h3>{texts.onServer}</h3>
      {server === "unreached" && <p className="quiet">{texts.serverUnknown}</p>}
      {typeof server === "object" && (
        <>
          <Facts items={[[texts.version, server.version], [texts.build, <span className="fixed">{server.build}</span>]]} />
          {running?.build !== undefined && (
            <Notice tone={running.build === server.build ? "good" : "info"}>{running.build === server.build ? texts.same : texts.differs}</Notice>
          )}
          <details>
            <summary>{texts.files(files.length)}</summary>
            <p className="quiet small">{texts.filesExplain}</p>
            <Facts items={files.map(([path, hash]) => [path, <span className="fixed small">{hash}</span>] as const)} />
          </details>
        </>
      )}
      {waits && (
        <Notice title={app.update.ready} actions={<Button isDisabled={editing} onPress={changeBuild}>{app.update.now}</Button>}>
          {editing ? app.update.editing : undefined}
        </Notice>
      )}
    </Card>
  );
}
