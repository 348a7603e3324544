import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Says what JAVA_OPTS has told it. */
public class App {
    public static void main(String[] arguments) throws Exception {
        long megabytes = Runtime.getRuntime().maxMemory() >> 20;
        byte[] text = (System.getProperty("greeting", "hello") + ", " + megabytes + " MiB at most\n").getBytes(StandardCharsets.UTF_8);
        HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);

        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("bye")));
        server.start();
    }
}
