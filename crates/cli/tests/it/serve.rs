//! `serve` and `token`: the address is printed, an interrupt ends it well, and nobody else is let in by accident.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use expect_test::expect;

use crate::workshop::Workshop;

#[test]
fn the_address_that_is_printed_answers_and_an_interrupt_ends_the_server() {
    let workshop = Workshop::new();
    let mut begun = workshop.begin("serve --address 127.0.0.1:0 --data-dir kept");
    let mut stdout = BufReader::new(begun.stdout());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let address = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .unwrap();

    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    begun.interrupt();
    let called = begun.end();
    assert_eq!(called.code, 0, "{}", called.stderr);
    assert!(called.stderr.contains("stopping"), "{}", called.stderr);
}

#[test]
fn an_address_that_others_reach_takes_a_token() {
    let workshop = Workshop::new();
    workshop.check(
        "serve --address 0.0.0.0:0 --data-dir kept",
        expect![[r#"
            exit 2
            error: a server at 0.0.0.0:0 asks everybody for a token, and there is none yet
             = help: make one: `pluriverse token new --scope run`

        "#]],
    );
    let made = workshop.call("token new --scope run --data-dir kept");
    let token = made.stdout.trim();
    assert!(token.starts_with("pv_") && token.len() > 64, "{token}");
    let listed = workshop.call("token list --data-dir kept").stdout;
    let id = &token[3..11];
    assert_eq!(listed, format!("{id}  run\n"));
    assert_eq!(
        workshop
            .call(&format!("token revoke {id} --data-dir kept"))
            .code,
        0
    );
    workshop.check(
        "token revoke 00000000 --data-dir kept",
        expect![[r#"
            exit 2
            error: there is no token `00000000`
             = help: `pluriverse token list` lists them

        "#]],
    );
}

#[test]
fn what_an_operator_gets_wrong_is_told_before_anything_is_served() {
    let workshop = Workshop::new();
    workshop.check(
        "serve --tls-cert nowhere.pem --tls-key nowhere.key --data-dir kept",
        expect![[r#"
            exit 2
            error: `nowhere.pem`: No such file or directory (os error 2)
             = help: name both files as PEM: the certificate with those that lead to its root, and its key

        "#]],
    );
    workshop.check(
        "serve --cors * --data-dir kept",
        expect![[r#"
            exit 2
            error: invalid value '*' for '--cors <ORIGIN>': `*` would let every page that anybody opens use this server: name the origins

            For more information, try '--help'.
        "#]],
    );
}
