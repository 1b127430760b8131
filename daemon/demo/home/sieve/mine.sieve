require ["fileinto"];
if header :contains "list-id" "announce" {
    fileinto "Lists";
}
