import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Java's built-in client: tries everything on the server at args[0], and says on stdout what it has done. */
public class JavaClient {
  static final int[] SIZES = {0, 1, 125, 126, 65535, 65536, 300000};

  /** Puts messages together and keeps everything that comes. */
  static class Inbox implements WebSocket.Listener {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    final StringBuilder text = new StringBuilder();
    final StringBuilder bytes = new StringBuilder();

    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        events.add("text " + text);
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      while (data.hasRemaining()) bytes.append((char) (data.get() & 255));
      if (last) {
        events.add("binary " + bytes);
        bytes.setLength(0);
      }
      socket.request(1);
      return null;
    }

    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
      events.add("pong " + data.remaining());
      socket.request(1);
      return null;
    }

    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      events.add("close " + code + " " + reason);
      return null;
    }

    public void onError(WebSocket socket, Throwable error) {
      events.add("error " + error);
    }

    void expect(String expected) throws Exception {
      String event = events.poll(20, TimeUnit.SECONDS);
      if (expected.equals(event)) return;
      String seen = event == null ? "nothing" : event.substring(0, Math.min(100, event.length()));
      throw new AssertionError("expected " + expected.substring(0, Math.min(100, expected.length())) + ", not " + seen);
    }
  }

  public static void main(String[] args) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    URI uri = URI.create(args[0]);
    Inbox inbox = new Inbox();
    WebSocket socket = http.newWebSocketBuilder().subprotocols("v2").buildAsync(uri, inbox).get(20, TimeUnit.SECONDS);
    if (!socket.getSubprotocol().equals("v2")) throw new AssertionError("subprotocol " + socket.getSubprotocol());
    for (int size : SIZES) {
      String text = "é".repeat(size);
      socket.sendText(text, true).get();
      inbox.expect("text " + text);
      byte[] data = new byte[size];
      StringBuilder latin1 = new StringBuilder();
      for (int index = 0; index < size; index += 1) {
        data[index] = (byte) (index * 7);
        latin1.append((char) (data[index] & 255));
      }
      socket.sendBinary(ByteBuffer.wrap(data), true).get();
      inbox.expect("binary " + latin1);
    }
    socket.sendText("frag", false).get();
    socket.sendText("", false).get();
    socket.sendPing(ByteBuffer.wrap(new byte[7])).get();
    inbox.expect("pong 7");
    socket.sendText("ments", true).get();
    inbox.expect("text fragments");
    socket.sendClose(4000, "bye").get();
    inbox.expect("close 4000 bye");
    System.out.println("exchanged");
    for (int code : new int[] {1000, 1001, 3000, 4999}) {
      Inbox closing = new Inbox();
      WebSocket other = http.newWebSocketBuilder().buildAsync(uri, closing).get(20, TimeUnit.SECONDS);
      other.sendText("close " + code, true).get();
      closing.expect("close " + code + " as you wish");
    }
    System.out.println("ok");
    System.exit(0);
  }
}
