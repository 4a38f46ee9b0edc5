//! The `wardbook` program: reads arguments, asks for passwords, prints. Everything else is the client's.

mod advice;
mod args;
mod ask;
mod commands;
mod net;
mod out;

use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    end_quietly_on_a_closed_pipe();
    let cli = Cli::parse();
    let json = cli.shared.json;
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            if json {
                let fields =
                    [("error", out::text(&advice::told(&error))), ("code", out::number(error.exit_code().into()))];
                eprintln!("{}", out::object(fields).to_text());
            } else {
                eprintln!("wardbook: {}", advice::told(&error));
            }
            ExitCode::from(error.exit_code())
        }
    }
}

/// `wardbook chart … | head` is no fault: printing to a pipe that nobody reads ends the program without a word.
fn end_quietly_on_a_closed_pipe() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let message = info.payload().downcast_ref::<String>().map(String::as_str).unwrap_or_default();
        if message.starts_with("failed printing to std") {
            std::process::exit(0);
        }
        report(info);
    }));
}

fn run(cli: Cli) -> Result<u8, wardbook_client::Error> {
    let shared = &cli.shared;
    match cli.command {
        Command::Init(args) => commands::setup::init(shared, &args),
        Command::Doctor => commands::setup::doctor(shared),
        Command::Passwd(args) => commands::people::passwd(shared, &args),
        Command::Recover(args) => commands::people::recover(shared, &args),
        Command::Member(command) => commands::people::member(shared, command),
        Command::Team(command) => commands::people::team(shared, command),
        Command::Policy(args) => commands::people::policy(shared, &args),
        Command::Import(args) => commands::moving::import(shared, &args),
        Command::Attach(args) => commands::attachments::attach(shared, &args),
        Command::Fetch(args) => commands::attachments::fetch(shared, &args),
        Command::Export(args) => commands::moving::export(shared, &args),
        Command::Bundle(command) => commands::moving::bundle(shared, command),
        Command::Patients(args) => commands::records::patients(shared, &args),
        Command::Chart(args) => commands::records::chart(shared, &args),
        Command::Get(args) => commands::records::get(shared, &args),
        Command::Put(args) => commands::records::put(shared, &args),
        Command::Edit(args) => commands::records::edit(shared, &args),
        Command::Delete(args) => commands::records::delete(shared, &args),
        Command::History(args) => commands::records::history(shared, &args),
        Command::Grant(args) => commands::sharing::grant(shared, &args),
        Command::Revoke(args) => commands::sharing::revoke(shared, &args),
        Command::Access(args) => commands::sharing::access(shared, &args),
        Command::Admit(args) => commands::sharing::admit(shared, &args),
        Command::Conflicts(args) => commands::sharing::conflicts(shared, &args),
        Command::Resolve(args) => commands::sharing::resolve(shared, &args),
        Command::Sync(args) => commands::network::sync(shared, &args),
        Command::Invite(args) => commands::network::invite(shared, &args),
        Command::Enrol(args) => commands::network::enrol(shared, &args),
        Command::Device(command) => commands::network::device(shared, command),
        Command::Evict(args) => commands::network::evict(shared, &args),
        Command::Lease(args) => commands::network::lease(shared, args),
        Command::Quarantine(command) => commands::network::quarantine(shared, command),
        Command::Serve(args) => commands::serve::serve(shared, &args),
        Command::Server(command) => commands::serve::server(shared, command),
        Command::Verify(args) => commands::setup::verify(shared, &args),
    }
}
