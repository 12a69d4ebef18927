//! The canned server on standard input and output.

use std::io::{Read as _, Write as _};

fn main() {
    let (mut stdin, mut stdout) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut chunk = vec![0; 64 * 1024];
    let (mut input, mut output) = (Vec::new(), Vec::new());
    while let Ok(read @ 1..) = stdin.read(&mut chunk) {
        input.extend_from_slice(&chunk[..read]);
        tenure_canned::answer_all(&mut input, &mut output);
        if stdout.write_all(&output).and_then(|()| stdout.flush()).is_err() {
            return;
        }
        output.clear();
    }
}
