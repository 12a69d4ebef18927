//! Runs one case by name.

fn main() {
    tenure_cases::command::run(tenure_cases::CASES);
}
