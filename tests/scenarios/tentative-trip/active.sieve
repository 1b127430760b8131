require ["fileinto"];
if header :contains "List-Id" "announce" {
    fileinto "Lists";
}
