// A service that answers /health and stops on TERM.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	http.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	server := &http.Server{Addr: ":" + port}
	stop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	stopped := make(chan struct{})
	go func() {
		<-stop.Done()
		server.Shutdown(context.Background())
		fmt.Println("bye")
		close(stopped)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-stopped
}
