//! The server on a real socket.

use crate::house::House;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

#[tokio::test]
async fn requests_under_way_finish_when_the_server_stops() {
    let (edge, _keys) = House::edge();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(web::serve(edge, listener, async move { stopped.await.unwrap() }));

    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200 OK\r\n"));

    let mut slow = TcpStream::connect(address).await.unwrap();
    let head = "POST /v1/track HTTP/1.1\r\nhost: x\r\nx-write-key: shop-write-key\r\n";
    let body = r#"{"userId":"u1","event":"Seen"}"#;
    let head = format!("{head}connection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    slow.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    slow.write_all(body.as_bytes()).await.unwrap();
    let text = answer(&mut slow).await;
    assert!(text.ends_with(r#"{"success":true,"ok":true}"#), "{text}");
    tokio::time::timeout(Duration::from_secs(5), server).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut text = vec![0; 4096];
    let read = stream.read(&mut text).await.unwrap();
    String::from_utf8_lossy(&text[..read]).into_owned()
}
