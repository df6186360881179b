//! Watchers see what happens, and nothing that they do or leave undone changes it.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use pluriverse_server::Limits;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async, connect_async, tungstenite::Message,
};

use crate::{
    client::{DESK, Site, site},
    worlds::{finished, straight},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) async fn watch(address: SocketAddr, world: &str, query: &str) -> Socket {
    let (socket, _) = connect_async(format!("ws://{address}{world}/events{query}"))
        .await
        .unwrap();
    socket
}

/// The first half of a masked text of five bytes.
const HALF_A_FRAME: [u8; 4] = [0x81, 0x85, 1, 2];

/// A WebSocket that nothing has been read from, to send over it what no client sends.
async fn handshake(site: &Site, world: &str) -> TcpStream {
    let mut stream = TcpStream::connect(site.address()).await.unwrap();
    let request = format!(
        "GET {world}/events HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        site.address()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
    stream
}

/// The next message that tells something.
pub(crate) async fn next<S>(socket: &mut WebSocketStream<S>) -> Value
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?} is no message"),
        }
    }
}

#[tokio::test]
async fn a_watcher_sees_frames_and_resumes_where_it_left_off() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    let mut socket = watch(site.address(), &world, "?limit=2").await;
    let first = next(&mut socket).await;
    assert_eq!(
        (&first["seq"], &first["frame"]["phase"]),
        (&json!(1), &json!("new"))
    );
    site.post(&format!("{world}/run?max_events=50"), Value::Null)
        .await;
    let second = next(&mut socket).await;
    assert_eq!(second["seq"], 2);
    let feed = &second["feed"];
    let rows = second["frame"]["rows"].as_u64().unwrap();
    assert_eq!(feed["events"].as_array().unwrap().len(), 2);
    assert_eq!(feed["dropped"].as_u64().unwrap(), rows - 2);

    drop(socket);
    site.post(&format!("{world}/run?max_events=50"), Value::Null)
        .await;
    let mut again = watch(site.address(), &world, "?from=2").await;
    assert_eq!(next(&mut again).await["seq"], 2);
    let third = next(&mut again).await;
    assert_eq!(
        (&third["seq"], &third["frame"]["events"]),
        (&json!(3), &json!(100))
    );

    site.delete(&world).await;
    let end = next(&mut again).await;
    assert_eq!(
        (&end["type"], &end["code"]),
        (&json!("end"), &json!("world_ended"))
    );
}

#[tokio::test]
async fn whoever_watches_sees_that_another_lets_the_world_play_and_stops_it() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    site.post(&format!("{world}/start"), Value::Null).await;
    let mut socket = watch(site.address(), &world, "").await;
    assert_eq!(next(&mut socket).await["playing"], Value::Null);
    let slow = json!({"speed": 0.001});
    site.post(&format!("{world}/play"), slow.clone()).await;
    while next(&mut socket).await["playing"] != slow {}
    site.post(&format!("{world}/stop_playing"), Value::Null)
        .await;
    while next(&mut socket).await["playing"] != Value::Null {}
}

#[tokio::test]
async fn fifty_watchers_one_of_them_deaf_change_nothing() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    let deaf = watch(site.address(), &world, "").await;
    let mut watchers = Vec::new();
    for _ in 0..49 {
        let mut socket = watch(site.address(), &world, "").await;
        watchers.push(tokio::spawn(async move {
            let mut expected = next(&mut socket).await["seq"].as_u64().unwrap();
            loop {
                let message = next(&mut socket).await;
                match message["type"].as_str().unwrap() {
                    "frame" => {
                        expected += 1;
                        assert_eq!(message["seq"], expected);
                        if message["frame"]["phase"] == "finished" {
                            return;
                        }
                    }
                    "gap" => expected += message["missed"].as_u64().unwrap(),
                    other => panic!("{other}"),
                }
            }
        }));
    }
    site.post(&format!("{world}/play"), json!({"speed": 20_000.0}))
        .await;
    for watcher in watchers {
        watcher.await.unwrap();
    }
    finished(&site, &world).await;
    assert_eq!(site.hash(&world).await, straight(DESK, 7));
    drop(deaf);
}

#[tokio::test]
async fn half_a_frame_and_rubbish_end_their_connection_only() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    let mut watcher = watch(site.address(), &world, "").await;
    next(&mut watcher).await;

    let mut half = handshake(&site, &world).await;
    half.write_all(&HALF_A_FRAME).await.unwrap();
    drop(half);

    let mut loud = watch(site.address(), &world, "").await;
    loud.send(Message::text("x".repeat(100_000))).await.unwrap();
    while let Some(Ok(message)) = loud.next().await {
        assert!(message.is_text() || message.is_close() || message.is_ping());
    }

    site.post(&format!("{world}/step"), Value::Null).await;
    assert_eq!(next(&mut watcher).await["frame"]["events"], 1);
}

/// Whoever says nothing, not even that he is there, makes room for others.
#[tokio::test]
async fn a_watcher_that_gives_no_sign_is_let_go_and_one_that_does_is_not() {
    let site = site(Limits {
        watchers: 2,
        patience: Duration::from_millis(300),
        ..Limits::default()
    });
    let world = site.desk(json!({})).await;
    let mut half = handshake(&site, &world).await;
    half.write_all(&HALF_A_FRAME).await.unwrap();
    let mut watcher = watch(site.address(), &world, "").await;
    next(&mut watcher).await;
    // Reading answers pings.
    let reading = tokio::spawn(async move { next(&mut watcher).await });
    while let Err(refused) = connect_async(format!("ws://{}{world}/events", site.address())).await {
        assert!(refused.to_string().contains("429"), "{refused}");
    }
    let mut rest = Vec::new();
    half.read_to_end(&mut rest).await.unwrap();
    site.post(&format!("{world}/step"), Value::Null).await;
    assert_eq!(reading.await.unwrap()["frame"]["events"], 1);
}

/// Says what is no message of a watcher, each over a connection of its own.
#[tokio::test]
async fn whatever_a_watcher_sends_the_server_goes_on() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    // Masked frames: a text that is no UTF-8, one that announces 2^63 - 1 bytes, a frame of an unknown sort, one that
    // is not masked, a ping that is too long, the end of a message that never began.
    let mut long_ping = [0; 8 + 255];
    long_ping[..4].copy_from_slice(&[0x89, 0xfe, 0x00, 0xff]);
    let frames: [&[u8]; 6] = [
        &[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe],
        &[
            0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5,
        ],
        &[0x83, 0x80, 0, 0, 0, 0],
        &[0x81, 0x01, b'x'],
        &long_ping,
        &[0x80, 0x80, 0, 0, 0, 0],
    ];
    for frame in frames {
        let mut stream = handshake(&site, &world).await;
        stream.write_all(frame).await.unwrap();
        let mut rest = Vec::new();
        // The server closes it, by a frame or by force.
        let _ = stream.read_to_end(&mut rest).await;
    }
    let mut pinging = watch(site.address(), &world, "").await;
    for number in 0..5000_u32 {
        let ping = Message::Ping(number.to_le_bytes().to_vec().into());
        pinging.send(ping).await.unwrap();
    }
    pinging.send(Message::binary(vec![0; 4096])).await.unwrap();
    pinging.send(Message::text("anything")).await.unwrap();
    site.post(&format!("{world}/step"), Value::Null).await;
    while next(&mut pinging).await["frame"]["events"] != 1 {}
}

/// A world that plays flat out waits for nobody; whoever did not read is told how much is gone.
#[tokio::test]
async fn a_watcher_that_does_not_read_has_a_gap_of_the_right_size() {
    let site = site(Limits::default());
    let more = json!({"overrides": {"run.until": "2000000h"}});
    let world = site.desk(more).await;
    let mut reader = watch(site.address(), &world, "").await;
    let socket = TcpSocket::new_v4().unwrap();
    // Little waits in the network.
    socket.set_recv_buffer_size(1 << 16).unwrap();
    let stream = socket.connect(site.address()).await.unwrap();
    let address = format!("ws://{}{world}/events", site.address());
    let (mut deaf, _) = client_async(address, MaybeTlsStream::Plain(stream))
        .await
        .unwrap();
    let first = next(&mut deaf).await["seq"].as_u64().unwrap();

    site.post(&format!("{world}/play"), json!({"speed": null}))
        .await;
    let (mut bytes, mut events) = (0, 0);
    // More than the server keeps for those who are late, and the system on their way.
    while bytes < 9 << 20 {
        let message = next(&mut reader).await;
        bytes += message.to_string().len();
        let now = message["frame"]["events"].as_u64().unwrap();
        assert!(
            now > events || message["frame"]["phase"] != "ready",
            "it stands still"
        );
        events = now;
    }
    let (mut expected, mut missed) = (first + 1, 0);
    while missed == 0 {
        let message = next(&mut deaf).await;
        if message["type"] == "gap" {
            missed = message["missed"].as_u64().unwrap();
            expected += missed;
        } else {
            assert_eq!(message["seq"], expected);
            expected += 1;
        }
    }
    assert_eq!(next(&mut deaf).await["seq"], expected);
}

#[tokio::test]
async fn more_watchers_than_the_limit_are_refused() {
    let site = site(Limits {
        watchers: 1,
        ..Limits::default()
    });
    let world = site.desk(json!({})).await;
    let _one = watch(site.address(), &world, "").await;
    let refused = connect_async(format!("ws://{}{world}/events", site.address())).await;
    assert!(refused.unwrap_err().to_string().contains("429"));
}

#[tokio::test]
async fn a_server_that_stops_tells_its_watchers() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    let mut socket = watch(site.address(), &world, "").await;
    next(&mut socket).await;
    let server = site.server;
    let stopping = tokio::task::spawn_blocking(move || server.stop());
    let end = next(&mut socket).await;
    assert_eq!(end["reason"], "the server is stopping");
    drop(socket);
    stopping.await.unwrap();
}
