"""Who is who: clients, their chats and groups, our own people, and how all of them come in."""
