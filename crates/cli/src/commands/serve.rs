//! Running a server: `serve`, `server backup`.

use crate::args::Shared;
use crate::out;
use clap::{Args, Subcommand};
use std::io::IsTerminal;
use std::path::PathBuf;
use wardbook_client::Error;
use wardbook_server::ServerError;
use wardbook_server::config::{Config, Sources};
use wardbook_server::http::{self, ServeError, Started};

/// Run a server that devices of one or many organisations exchange sealed records through
///
/// It can read none of them. The first start makes a folder with everything that the server keeps, a certificate of its
/// own, and a link that lets an organisation be put on it:
///
///   wardbook serve --name ward3.example.org
///
/// Where devices reach the machine by its address only, give that:
///
///   wardbook serve --data /srv/wardbook --listen 0.0.0.0:443 --name 192.168.1.20
///
/// Browsers open the web app at the address that it prints; they have to trust its certificate first (docs/server.md).
///
/// Everything can also be set in a file, wardbook-server.toml in the data folder, and by WARDBOOK_SERVER_… variables
/// (WARDBOOK_SERVER_HTTP__CONNECTIONS=500). What is given here wins over variables, and those over the file:
///
///   wardbook serve --print-config > wardbook-server.toml
///
/// Next: an admin of an organisation takes the link to their device, `wardbook server set LINK`; and a first backup,
/// `wardbook server backup`.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct ServeArgs {
    /// File to read in place of wardbook-server.toml in the data folder
    #[arg(long, value_name = "FILE", env = "WARDBOOK_SERVER_CONFIG")]
    pub config: Option<PathBuf>,
    /// Folder of everything that the server keeps [default: wardbook-server]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address and port to listen at; may be given again [default: 0.0.0.0:8443]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Vec<String>,
    /// Name or address by which devices reach this machine; may be given again
    #[arg(long = "name", value_name = "NAME")]
    pub names: Vec<String>,
    /// What links begin with, where that is not the first name with the port
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// PEM file with a certificate chain to use instead of one made here
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file with its key
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Speak HTTP without TLS at a loopback address, for a proxy on this machine
    #[arg(long)]
    pub plain_http: bool,
    /// Who may put an organisation on this server [default: code]
    #[arg(long, value_name = "WHO", value_parser = ["code", "open", "closed"])]
    pub registration: Option<String>,
    /// How log lines look [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = ["text", "json"])]
    pub log_format: Option<String>,
    /// Print the configuration in effect, each key explained and without the registration code, and end
    #[arg(long)]
    pub print_config: bool,
}

#[derive(Subcommand)]
pub enum ServerCommand {
    /// Copy a server, which may run, to a folder that a server can be started from
    ///
    /// With its keys and all sealed records and attachments, each organisation as of one moment.
    ///
    ///   wardbook server backup /mnt/backup/monday --data /srv/wardbook
    ///
    /// Next, to go back to it: `wardbook serve --data /mnt/backup/monday`, then `server accept-restored`.
    #[command(verbatim_doc_comment)]
    Backup {
        /// Folder to make
        to: PathBuf,
        /// Folder of the server
        #[arg(long, value_name = "DIR", env = "WARDBOOK_SERVER_DATA", default_value = "wardbook-server")]
        data: PathBuf,
    },
    /// Put the organisation of this vault on a server (admin), with the link that `wardbook serve` prints
    ///
    /// Directory, password slots and keyrings go there at once, then every chart. On a device that is on
    /// the server already it changes the address and certificate to those of the link, for whatever
    /// member: if the same server, by its key, answers there.
    ///
    ///   wardbook --member ana server set 'LINK'
    ///
    /// Next: `wardbook invite` for people and devices; after a move the same on every other device.
    #[command(verbatim_doc_comment)]
    Set {
        /// The link, in quotes because of the #
        link: String,
    },
    /// Let a server go on that was restored from a backup (admin)
    ///
    /// For where syncs end with code 12 because the log is shorter, and you know why. Run it on the
    /// device that synced last; the server then goes on, and devices hand in again what it had lost.
    ///
    ///   wardbook --member ana server accept-restored
    ///
    /// Next: `wardbook sync` on every device, then `wardbook quarantine list`.
    #[command(verbatim_doc_comment)]
    AcceptRestored,
}

pub fn serve(shared: &Shared, args: &ServeArgs) -> Result<u8, Error> {
    Ok(run(shared, args).map_or_else(|error| report(shared, &error), |()| 0))
}

pub fn server(shared: &Shared, command: ServerCommand) -> Result<u8, Error> {
    match command {
        ServerCommand::Backup { to, data } => {
            Ok(backup(shared, &data, &to).map_or_else(|error| report(shared, &error), |()| 0))
        }
        ServerCommand::Set { link } => super::network::server_set(shared, &link),
        ServerCommand::AcceptRestored => super::network::accept_restored(shared),
    }
}

fn run(shared: &Shared, args: &ServeArgs) -> Result<(), ServeError> {
    let config = Config::load(&sources(args)?)?;
    if args.print_config {
        print!("{}", config.to_toml()?);
        return Ok(());
    }
    http::log::install(config.log)?;
    http::run(config, |started| announce(shared, started))
}

/// The keys that were given as arguments, over the environment and the file.
fn sources(args: &ServeArgs) -> Result<Sources, ServeError> {
    let mut sources = Sources { file: args.config.clone(), environment: Sources::environment(), ..Sources::default() };
    for (key, path) in [("data", &args.data), ("tls_cert", &args.tls_cert), ("tls_key", &args.tls_key)] {
        let Some(path) = path else { continue };
        let text = path.to_str().ok_or_else(|| ServeError::Config(format!("{key}: a path in UTF-8 is needed")))?;
        sources.set(key, text);
    }
    for (key, texts) in [("listen", &args.listen), ("names", &args.names)] {
        if !texts.is_empty() {
            sources.set(key, texts.clone());
        }
    }
    let texts =
        [("public_url", &args.public_url), ("registration", &args.registration), ("log.format", &args.log_format)];
    for (key, text) in texts {
        if let Some(text) = text {
            sources.set(key, text.as_str());
        }
    }
    if args.plain_http {
        sources.set("plain_http", true);
    }
    Ok(sources)
}

/// Says where the server is and how devices come to trust it.
fn announce(shared: &Shared, started: &Started) {
    let fingerprint = started.fingerprint.map(|bytes| bytes.map(|byte| format!("{byte:02X}")).join(":"));
    if shared.json {
        out::print(&out::object([
            ("address", out::text(&started.base)),
            ("listening", out::list(started.addresses.iter().map(|address| out::text(&address.to_string())))),
            ("certificate", out::optional(fingerprint.as_deref())),
            ("link", out::optional(started.link.as_deref())),
            ("app", out::optional(started.app.as_deref())),
        ]));
        return;
    }
    let addresses: Vec<String> = started.addresses.iter().map(ToString::to_string).collect();
    println!("Serving at      {}", started.base);
    println!("Listening at    {}", addresses.join(", "));
    if let Some(fingerprint) = &fingerprint {
        println!("Certificate     {fingerprint} (SHA-256)");
    }
    match &started.app {
        Some(app) => println!("In a browser    {app}"),
        None => println!("In a browser    nothing: this program was built without the web app (`cargo xtask web`)"),
    }
    match &started.link {
        Some(link) => {
            println!(
                "\nThis link lets its holder put an organisation on this server. Give it to admins only:\n\n    {link}\n"
            );
            if std::io::stdout().is_terminal() {
                println!("{}\n", http::qr(link));
            }
        }
        None => println!("\nThere is no link: set public_url and tls_cert to what the proxy uses."),
    }
    println!("Stop it with Ctrl-C.");
}

fn backup(shared: &Shared, data: &std::path::Path, to: &std::path::Path) -> Result<(), ServeError> {
    let report = wardbook_server::backup(data, to)?;
    let identity = http::copy_identity(data, to)?;
    if shared.json {
        let number = |value: u64| out::number(i64::try_from(value).unwrap_or(i64::MAX));
        out::print(&out::object([
            ("to", out::text(&to.display().to_string())),
            ("organisations", number(report.orgs)),
            ("attachments", number(report.blobs)),
            ("bytes", number(report.bytes)),
            ("identity", out::list(identity.iter().map(|name| out::text(name)))),
        ]));
        return Ok(());
    }
    println!(
        "Copied to {}: {}, {}, {}; the server's keys{}{}.",
        to.display(),
        out::counted(report.orgs, "organisation", "organisations"),
        out::counted(report.blobs, "attachment", "attachments"),
        out::counted(report.bytes, "byte", "bytes"),
        if identity.is_empty() { "" } else { ", " },
        identity.join(", ")
    );
    println!("Keep it safe: whoever has it can pass for this server, though not read what it keeps.");
    println!("To go back to it: `wardbook serve --data {}`.", to.display());
    Ok(())
}

/// Prints a failure as `main` does, with the exit code for its kind.
fn report(shared: &Shared, error: &ServeError) -> u8 {
    let code = match error {
        ServeError::Config(_) | ServeError::Service(ServerError::NotEmpty(_) | ServerError::Newer(_)) => 7,
        ServeError::Service(ServerError::NoServer(_)) => 4,
        ServeError::Service(ServerError::Damaged | ServerError::DamagedKey(_) | ServerError::MissingKey(_)) => 5,
        ServeError::Service(ServerError::Busy(_)) => 6,
        ServeError::File { .. } | ServeError::Service(_) => 9,
    };
    if shared.json {
        let fields = [("error", out::text(&error.to_string())), ("code", out::number(code.into()))];
        eprintln!("{}", out::object(fields).to_text());
    } else {
        eprintln!("wardbook: {error}");
    }
    code
}
