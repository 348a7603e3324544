/* Other engines. */
int main(void){return 0;}
